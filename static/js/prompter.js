// Shows what is to be done while a face is filmed: a calm second, then one gesture after the other, in big words (which a
// screen reader speaks, as they stand in the lens's status line), with a drawn picture and a short buzz.
const CALM = 1.3; // seconds; the server compares with the face's own first second
const NAMESPACE = "http://www.w3.org/2000/svg";

export class Prompter {
  constructor(lens) {
    this.lens = lens;
    this.gestures = (lens.field.dataset.gestures || "").split(",").filter(Boolean);
    lens.dialog.classList.toggle("asks", this.asks);
  }

  get asks() { return this.gestures.length > 0; }

  /** Says what is to be done `gone` seconds after the beginning, out of `seconds`. False where nothing is asked. */
  show(gone, seconds) {
    if (!this.asks) return false;
    const each = (seconds - CALM) / this.gestures.length;
    const place = Math.min(Math.floor((gone - CALM) / each), this.gestures.length - 1);
    if (place === this.place) return true;
    this.place = place;
    const gesture = this.gestures[place];
    this.lens.spokenAt = 0; // at once: the next one comes soon
    this.lens.hint("", gesture ? this.lens.say(camel(gesture)) : this.lens.say("calm"));
    this.draw(gesture);
    if (gesture) navigator.vibrate?.(60);
    return true;
  }

  draw(gesture) {
    this.cue?.remove();
    if (!gesture) return;
    const picture = document.createElementNS(NAMESPACE, "svg"), use = document.createElementNS(NAMESPACE, "use");
    use.setAttribute("href", `${this.lens.field.dataset.sprite}#gesture-${gesture}`);
    picture.setAttribute("class", "icon");
    picture.setAttribute("aria-hidden", "true");
    picture.append(use);
    this.cue = Object.assign(document.createElement("div"), { className: "cue" });
    this.cue.append(picture);
    this.lens.dialog.append(this.cue);
  }
}

const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
