// What a page of any kind does with scripts, in one file, because each request of a reader
// counts: it shows who is logged in, and copies its address. Without it both are plain.

// Shows who is logged in, and lets the log-in link lead back to this page. Without this
// script, and whenever the gate does not answer, the plain link stays.
//
// The gate's own pages leave a note in this browser; without one nobody is asked, so
// that readers without an account never meet the gate.
{
  const link = document.querySelector("a[data-session]");
  const { href, textContent } = link ?? {};
  const note = "account";
  const here = async () => {
    if (!link) return localStorage.setItem(note, "1"); // one of the gate's own pages
    const url = new URL(href);
    url.searchParams.set("return", location.pathname);
    link.href = url.href;
    link.textContent = textContent;
    if (!localStorage.getItem(note)) return;
    const answer = await fetch("/account/session", { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return;
    const session = await answer.json();
    if (session.signedIn !== true) return localStorage.removeItem(note);
    url.pathname = "/account";
    url.searchParams.delete("return");
    link.href = url.href;
    if (session.name) link.textContent = session.name;
  };
  here().catch(() => {});
  // A page that comes back whole from the browser's history may show who has left since.
  addEventListener("pageshow", (event) => { if (event.persisted) here().catch(() => {}); });
}

// Copies the address of a page. The button is hidden until it is known to work.
{
  const button = document.querySelector("button[data-copy]");
  if (button && navigator.clipboard) {
    const { textContent } = button;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = textContent; }, 3000);
    }, () => { button.hidden = true; }));
  }
}
