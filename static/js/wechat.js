// Inside WeChat: the share menu, the mini-program's native pages, and what they bring back. Elsewhere it does nothing.
const SDK = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js";
const inside = /MicroMessenger/i.test(navigator.userAgent);
let loading;

/** WeChat's own SDK, from WeChat: it is no part of this product. The nonce of our scripts lets it in. */
function sdk() {
  loading ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.nonce = document.querySelector("script[nonce]").nonce;
    script.src = SDK;
    script.onload = () => done(window.wx);
    script.onerror = failed;
    document.head.append(script);
  });
  return loading;
}

const DEEDS = { share, shell, back };
export function arm(element) {
  const deed = element.dataset.wechat;
  if (deed === "back" || inside) DEEDS[deed](element).catch(() => {}); // without the SDK the page works as in any browser
}

async function share({ dataset }) {
  const here = location.href.split("#")[0];
  const [wx, reply] = await Promise.all([sdk(), fetch(`${dataset.signature}?url=${encodeURIComponent(here)}`)]);
  if (!reply.ok) return;
  const jsApiList = ["updateAppMessageShareData", "updateTimelineShareData"], content = { title: dataset.title, desc: dataset.about, link: dataset.link, imgUrl: dataset.image };
  wx.config({ ...await reply.json(), debug: false, jsApiList });
  wx.ready(() => jsApiList.forEach((name) => wx[name](content)));
}

async function shell(box) {
  if (window.__wxjs_environment !== "miniprogram" && !/miniProgram/i.test(navigator.userAgent)) return;
  const wx = await sdk();
  box.hidden = false;
  box.querySelector("button").addEventListener("click", () => wx.miniProgram.navigateTo({ url: box.dataset.page }));
}

async function back(form) {
  const told = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
  if (!told.has("code") && !told.has("login")) return;
  for (const name of ["code", "login"]) form.elements[name].value = told.get(name) || "";
  form.requestSubmit();
}
