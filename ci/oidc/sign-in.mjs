// A person at a browser: opens the address, signs in as the given user, and consents (or not).
//
//   node sign-in.mjs URL USER [deny] [CODE]

import { chromium } from 'playwright-core';

const [url, user, ...rest] = process.argv.slice(2);
const deny = rest.includes('deny');
const code = rest.find((word) => word !== 'deny');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  await page.goto(url);
  const signIn = async () => {
    await page.fill('input[name="login"], input[name="username"]', user);
    await page.fill('input[name="password"]', 'any');
    await page.click('button[type="submit"]');
    await page.waitForLoadState('networkidle');
  };
  // Who has to sign in before the code decides at the end.
  const isLate = code && !(await page.$('input[name="user_code"]'));
  if (isLate) await signIn();
  if (code) {
    await page.fill('input[name="user_code"]', code);
    await page.click('button[type="submit"]');
    const decision = isLate
      ? `button[value="${deny ? 'deny' : 'accept'}"]`
      : deny ? 'button[name="abort"]' : 'button[type="submit"]:not([name="abort"])';
    await page.click(decision);
  }
  if (deny && !code) {
    await page.click('a[href$="/abort"]');
  } else if (!deny && !isLate) {
    await signIn();
    // A page of consent, where the provider asks for it.
    if (page.url().includes('/interaction/')) await page.click('button[type="submit"]');
  }
  await page.waitForLoadState('networkidle');
  console.log((await page.textContent('body')).trim().replace(/\s+/g, ' '));
} finally {
  await browser.close();
}
