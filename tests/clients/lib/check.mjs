// One line per check, which `cargo xtask test` counts: `ok NAME` or `FAIL NAME reason`.

const LIMIT_MS = 20_000;

let failed = 0;

/** Runs one check. What it throws, or its silence for too long, is the reason of the failure. */
export async function check(name, run, limitMs = LIMIT_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([run(), late]);
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    const reason = String(error?.message ?? error).replace(/\s+/g, ' ');
    console.log(`FAIL ${name} ${reason.slice(0, 600)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the script; open sockets and timers do not hold it. */
export function finish() {
  process.exit(failed === 0 ? 0 : 1);
}

/** Asks until the answer is there. */
export async function until(what, ask, limitMs = 10_000) {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what}: not within ${limitMs} ms`);
}
