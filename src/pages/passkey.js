// Runs the forms of passkeys: asks the server for options and the browser for a passkey, then sends the form with the response.
(() => {
  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  const withBytes = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

  async function create(options) {
    const publicKey = {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    };
    const { id, rawId, type, response, authenticatorAttachment } = await navigator.credentials.create({ publicKey });
    return {
      id,
      rawId: toText(rawId),
      type,
      authenticatorAttachment,
      clientExtensionResults: {},
      response: {
        clientDataJSON: toText(response.clientDataJSON),
        attestationObject: toText(response.attestationObject),
        transports: response.getTransports ? response.getTransports() : [],
      },
    };
  }

  async function get(options) {
    const publicKey = {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    };
    const { id, rawId, type, response, authenticatorAttachment } = await navigator.credentials.get({ publicKey });
    return {
      id,
      rawId: toText(rawId),
      type,
      authenticatorAttachment,
      clientExtensionResults: {},
      response: {
        clientDataJSON: toText(response.clientDataJSON),
        authenticatorData: toText(response.authenticatorData),
        signature: toText(response.signature),
        userHandle: toText(response.userHandle),
      },
    };
  }

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const message = form.querySelector('[data-message]');
    const show = (name) => {
      message.textContent = name ? message.dataset[name] : '';
      message.hidden = !name;
    };
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      show('');
      if (!window.PublicKeyCredential) return show('none');
      try {
        const answer = await fetch(form.dataset.options, { method: 'POST' });
        if (!answer.ok) return show('failed');
        const options = await answer.json();
        const credential = await (form.dataset.passkey === 'create' ? create(options) : get(options));
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch (error) {
        show({ NotAllowedError: 'cancelled', InvalidStateError: 'known', AbortError: 'cancelled' }[error.name] || 'failed');
      }
    });
  }
})();
