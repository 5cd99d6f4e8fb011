// Runs before the first paint: marks that there is script, and takes the theme
// that the reader chose. Kept in the browser's own storage, never in a cookie;
// the page /cookies lists the key.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; then the system's theme holds.
  }
})();
