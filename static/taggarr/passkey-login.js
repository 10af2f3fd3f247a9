// The button for passkeys: shown where the browser has them, which takes https or localhost.
"use strict";

if (window.isSecureContext && window.PublicKeyCredential) {
  document.getElementById("passkey_login").hidden = false;
  window.allauth.webauthn.forms.loginForm({ ids: { login: "passkey_login", credential: "mfa_credential" } });
}
