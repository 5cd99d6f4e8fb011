// Says how hard a password is to guess while it is typed. The server measures,
// with what it measures by when the form is sent; nothing is kept, here or there.

for (const input of document.querySelectorAll("input[data-grade]")) {
  const shown = document.querySelector(`[data-grade-of="${input.name}"]`);
  let waiting;
  let asked = 0;

  const ask = async () => {
    const turn = ++asked;
    if (input.value === "") {
      shown.hidden = true;
      return;
    }
    const form = new URLSearchParams();
    for (const name of ["password", "nickname", "contact", "company"]) {
      const field = input.form.elements.namedItem(name);
      if (field) form.set(name, field.value);
    }
    try {
      const response = await fetch(input.dataset.grade, { method: "POST", body: form });
      if (!response.ok || turn !== asked) return;
      const { grade, words } = await response.json();
      shown.dataset.level = grade;
      shown.textContent = words;
      shown.hidden = false;
    } catch {
      shown.hidden = true; // the form says it when it is sent
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
}
