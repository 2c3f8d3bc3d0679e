// Solves the puzzle that a form carries when there are too many tries: finds the number
// n for which SHA-256(challenge + ":" + n) begins with as many zero bits as the challenge
// says after its first dot. A form that is sent before waits for it.
{
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const part = (x) => ((x % 1) * 2 ** 32) | 0; // the first 32 bits behind the point: FIPS 180-4, 4.2.2
  const K = Int32Array.from(primes, (p) => part(Math.cbrt(p)));
  const H = Int32Array.from(primes.slice(0, 8), (p) => part(Math.sqrt(p)));
  const W = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  // block takes 64 bytes into a state.
  const block = (state, bytes, at) => {
    for (let i = 0; i < 16; i++, at += 4) W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    for (let i = 16; i < 64; i++) {
      const x = W[i - 15], y = W[i - 2];
      W[i] = W[i - 16] + W[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const t = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const u = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  };

  const solve = async (challenge) => {
    const zeros = Number(challenge.split(".")[1]);
    const head = new TextEncoder().encode(challenge + ":");
    const whole = head.length - (head.length % 64); // these blocks are the same for every n
    const begun = H.slice();
    for (let at = 0; at < whole; at += 64) block(begun, head, at);
    const rest = head.subarray(whole);
    for (let n = 0; ; n++) {
      if (n % 4096 === 4095) await new Promise((go) => setTimeout(go)); // the page stays alive
      const digits = String(n);
      const length = rest.length + digits.length;
      const tail = new Uint8Array(length + 9 > 64 ? 128 : 64);
      tail.set(rest);
      for (let i = 0; i < digits.length; i++) tail[rest.length + i] = digits.charCodeAt(i);
      tail[length] = 0x80;
      new DataView(tail.buffer).setUint32(tail.length - 4, (whole + length) * 8);
      const state = begun.slice();
      for (let at = 0; at < tail.length; at += 64) block(state, tail, at);
      if (Math.clz32(state[0]) >= zeros) return challenge + ":" + n;
    }
  };

  for (const box of document.querySelectorAll("[data-challenge]")) {
    const form = box.closest("form");
    let sender; // the button of a form that was sent too early
    const early = (event) => {
      event.preventDefault();
      sender = event.submitter;
    };
    form.addEventListener("submit", early);
    solve(box.dataset.challenge).then((answer) => {
      form.elements.work.value = answer;
      form.removeEventListener("submit", early);
      for (const p of box.querySelectorAll("p")) p.hidden = !p.hidden;
      if (sender) form.requestSubmit(sender);
    });
  }
}
