// Asks the browser for a passkey, or to make one, and sends its answer with the
// form. Where the browser has none the forms stay hidden, and a line says so.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const named = (list) => list?.map((c) => ({ ...c, id: bytes(c.id) }));

// The question as the browser wants it, by its own reading where it has one.
const readings = {
  create: (o) => PublicKeyCredential.parseCreationOptionsFromJSON?.(o) ??
    { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: named(o.excludeCredentials) },
  get: (o) => PublicKeyCredential.parseRequestOptionsFromJSON?.(o) ??
    { ...o, challenge: bytes(o.challenge), allowCredentials: named(o.allowCredentials) },
};

// The answer as text, by the browser's own writing where it has one.
function written(credential) {
  if (credential.toJSON) return credential.toJSON();
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: credential.getClientExtensionResults() };
}

class Told extends Error {} // its message is for the reader

// question asks the server. One who has to sign in or prove something first is
// led there, and nothing comes back; the server keeps what was typed meanwhile.
async function question(form) {
  const response = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (response.redirected) {
    location.assign(response.url);
    return null;
  }
  const answer = await response.json();
  if (!response.ok) throw new Told(answer.wrong);
  return answer.publicKey;
}

function why(form, err) {
  if (err instanceof Told) return err.message;
  if (err.name === "NotAllowedError" || err.name === "AbortError") return form.dataset.refused;
  if (err.name === "InvalidStateError") return form.dataset.there;
  return form.dataset.failed;
}

async function ask(form) {
  const says = form.querySelector("[data-says]");
  const button = form.querySelector("button");
  says.hidden = true;
  button.disabled = true;
  try {
    const options = await question(form);
    if (!options) return;
    const does = form.dataset.passkey;
    const credential = await navigator.credentials[does]({ publicKey: readings[does](options) });
    form.elements.namedItem("answer").value = JSON.stringify(written(credential));
    form.submit();
  } catch (err) {
    says.textContent = why(form, err);
    says.hidden = false;
  } finally {
    button.disabled = false;
  }
}

const able = "PublicKeyCredential" in globalThis;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !able;
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    ask(form);
  });
}
for (const line of document.querySelectorAll("[data-no-passkey]")) line.hidden = able;
