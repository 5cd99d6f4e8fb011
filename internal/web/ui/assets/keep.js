// What a visitor looked up can be taken along at sign-up: who goes to sign up
// from a list has its numbers kept in this browser, and nowhere else, until they
// are saved or declined.

const link = document.querySelector("[data-keep]");

link?.addEventListener("click", () => {
  try {
    localStorage.setItem("looked-up", JSON.stringify({ nums: link.dataset.keep, fc: link.dataset.keepAt }));
  } catch {
    // Without storage the address that sign-up leads back to holds them.
  }
});

function forget() {
  try {
    localStorage.removeItem("looked-up");
  } catch {
    // Nothing was kept.
  }
}

// On a list that a member sees, its buttons save them.
if (document.querySelector("[data-kept-done]")) forget();

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem("looked-up"));
    return { nums: String(kept.nums).split(",").filter(Boolean).slice(0, 40), fc: String(kept.fc).split(",") };
  } catch {
    return { nums: [], fc: [] };
  }
}

const offer = document.querySelector("[data-kept]");
const { nums, fc } = read();

if (offer && nums.length > 0) {
  const list = offer.querySelector("[data-kept-list]");
  nums.forEach((num, i) => {
    const item = document.createElement("li");
    item.textContent = num;
    list.append(item);
    for (const [name, value] of [["num", num], ["fc", fc.length === 1 ? fc[0] : fc[i] ?? ""]]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      offer.append(field);
    }
  });
  offer.hidden = false;
  offer.addEventListener("submit", forget);
  offer.querySelector("[data-kept-no]").addEventListener("click", () => {
    forget();
    offer.hidden = true;
  });
}
