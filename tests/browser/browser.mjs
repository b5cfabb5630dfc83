/* browser: Debian's Chromium, as the tests use it; and what each page must
 * hold. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url)
	.resolve("axe-core/axe.min.js"), "utf8");

export async function launch() {
	return chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
			"--disable-background-networking", "--disable-component-update",
			"--disable-sync", "--no-first-run",
			"--autoplay-policy=no-user-gesture-required"],
	});
}

/* A browser of one person: its own keys, language and window.  What the page
 * itself finds wrong (a script's error, a refused resource, a violation of the
 * policy) fails the test; not while its node is `away`. */
export async function person(browser, { lang = "en", width = 1280, dark = false,
	height = 900, scripts = true } = {}) {
	const context = await browser.newContext({
		locale: lang, viewport: { width, height }, javaScriptEnabled: scripts,
		colorScheme: dark ? "dark" : "light", timezoneId: "Asia/Tokyo",
		reducedMotion: "reduce", bypassCSP: false,
	});
	const page = await context.newPage();
	page.faults = [];
	page.on("pageerror", (e) => page.faults.push(`script: ${e}`));
	page.on("console", (m) => {
		if (m.type() === "error" && !page.away && !/status of 4(0[01349]|29)/.test(m.text()))
			page.faults.push(`console: ${m.text()}`);
	});
	return page;
}

/* axe-core's findings by WCAG 2.2 AA, as lines; evaluated beside the page's own
 * policy, which forbids scripts of others. */
export async function violations(page) {
	const cdp = await page.context().newCDPSession(page);
	const { frameTree } = await cdp.send("Page.getFrameTree");
	const { executionContextId } = await cdp.send("Page.createIsolatedWorld",
		{ frameId: frameTree.frame.id, worldName: "axe" });
	await cdp.send("Runtime.evaluate",
		{ expression: axe, contextId: executionContextId });
	const { result } = await cdp.send("Runtime.evaluate", {
		contextId: executionContextId, awaitPromise: true, returnByValue: true,
		expression: `axe.run(document, { runOnly: ["wcag2a", "wcag2aa",
			"wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
			.then((r) => r.violations.map((v) => v.id + ": " + v.help + " -- " +
				v.nodes.map((n) => n.target.join(" ")).slice(0, 5).join(", ")))`,
	});
	await cdp.detach();
	if (!Array.isArray(result.value)) throw new Error("axe did not run");
	return result.value;
}

/* Does the page fit a window of this width, without a bar to scroll sideways? */
export function overflows(page) {
	return page.evaluate(() => {
		const wide = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= wide) return [];
		return [...document.querySelectorAll("body *")]
			.filter((e) => e.getBoundingClientRect().right > wide + 1)
			.slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
	});
}
