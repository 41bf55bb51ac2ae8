// Sharing a file of ours: by the phone's own sheet where there is one, in WeChat by its menu, else as a download.
export function arm(link) {
  const note = document.getElementById(link.dataset.note);
  const wechat = /MicroMessenger/i.test(navigator.userAgent);
  const able = Boolean(navigator.canShare?.({ files: [new File(["x"], "x.pdf", { type: "application/pdf" })] }));
  if (!wechat && !able) return; // the link is a plain download
  link.hidden = false;
  let file; // fetched at the first touch: Safari forgets the tap when a share comes too late after it
  const fetchFile = () => { file ||= fetch(link.dataset.share).then(async (reply) => {
    if (!reply.ok) throw new Error(reply.statusText);
    return new File([await reply.blob()], link.dataset.name, { type: "application/pdf" });
  }); file.catch(() => { file = null; }); return file; };
  if (!wechat) link.addEventListener("pointerdown", fetchFile, { passive: true });
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (wechat) { note.hidden = false; note.focus(); return; }
    try {
      await navigator.share({ files: [await fetchFile()], title: link.dataset.title });
    } catch (error) {
      if (error.name !== "AbortError") location.assign(link.dataset.save);
    }
  }, true);
}
