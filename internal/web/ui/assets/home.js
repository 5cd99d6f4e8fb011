// The home page: the field's links keep the numbers in the fragment
// (/#nums=A,B), which never reaches a server; script turns it into the address
// of the list. And the examples of a demo fill the box.

function followFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  const nums = given.get("nums");
  if (!nums) return;
  const to = new URL("/track", location.href);
  to.searchParams.set("nums", nums);
  const fc = given.get("fc");
  if (fc) to.searchParams.set("fc", fc);
  const lang = new URLSearchParams(location.search).get("lang");
  if (lang) to.searchParams.set("lang", lang);
  location.replace(to.href.replaceAll("%2C", ","));
}
followFragment();
addEventListener("hashchange", followFragment);

const box = document.getElementById("text");

for (const button of document.querySelectorAll("[data-fill]")) {
  button.addEventListener("click", () => {
    const line = box.value === "" || box.value.endsWith("\n") ? "" : "\n";
    box.value += line + button.dataset.fill;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  });
}

// Enter makes a new line, as in any text; with Ctrl or ⌘ it sends.
box.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
    e.preventDefault();
    box.form.requestSubmit();
  }
});
