// A video's tile shows what is in it, once, while the pointer or the focus rests on it:
// ten frames of one small file, which is not loaded before. Not for those who want
// nothing to move or to pay for what they did not ask for.
if (matchMedia("(prefers-reduced-motion: no-preference)").matches && !navigator.connection?.saveData) {
  const wait = 400; // passing over is no question
  let on, timer, shown;
  const show = async (frame) => {
    const image = new Image();
    image.src = frame.dataset.preview;
    await image.decode();
    if (on !== frame) return;
    shown = document.createElement("span");
    shown.className = "preview";
    shown.style.setProperty("background-image", `url("${image.src}")`);
    shown.addEventListener("animationend", (event) => event.target.remove());
    frame.querySelector(".thumb").after(shown);
  };
  const rest = (event) => {
    const frame = event.pointerType === "touch" ? undefined : event.target.closest?.(".tile")?.querySelector("[data-preview]") ?? undefined;
    if (frame === on) return;
    clearTimeout(timer);
    shown?.remove();
    on = frame;
    if (frame) timer = setTimeout(() => show(frame).catch(() => {}), wait);
  };
  for (const type of ["pointerover", "focusin"]) addEventListener(type, rest);
  document.documentElement.addEventListener("pointerleave", rest);
}
