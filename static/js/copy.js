// Copies the address of a page. The button is hidden until it is known to work.
{
  const button = document.querySelector("button[data-copy]");
  if (button && navigator.clipboard) {
    const { textContent } = button;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = button.dataset.done;
        setTimeout(() => { button.textContent = textContent; }, 3000);
      } catch {
        button.hidden = true;
      }
    });
  }
}
