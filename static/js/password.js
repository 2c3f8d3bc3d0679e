// Lets readers see the password that they type.
for (const field of document.querySelectorAll("input[type=password]")) {
  const form = field.closest("form");
  const label = document.createElement("label");
  const box = document.createElement("input");
  const text = document.createElement("span");
  label.className = "choice show";
  box.type = "checkbox";
  text.textContent = form.dataset.show;
  label.append(box, text);
  field.after(label);
  box.addEventListener("change", () => { field.type = box.checked ? "text" : "password"; });
  form.addEventListener("submit", () => { field.type = "password"; }); // or the browser keeps it as a text
}
