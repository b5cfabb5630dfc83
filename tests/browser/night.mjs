/* A duty officer's night: two officers of one party, each at a browser, and a
 * crisis message of another party. */
import { overflows, person, violations } from "./browser.mjs";
import { until } from "./conference.mjs";
import { Hand } from "./hand.mjs";
import { none, same } from "./report.mjs";

const LIVE_MS = 10000; /* for what takes far less: a slow machine is no fault */
const SESSION_MS = 20000; /* a stream looks each 15 s if it may go on */

/* An officer at a browser of their own: from no key to one that waits. */
async function enrol(flow, browser, party, how, name) {
	const page = flow.watch(await person(browser, how)), hand = new Hand(page, how);
	await hand.go(`${party.url}/enrol`);
	await hand.write(page.getByLabel(hand.w("enrol.name")), name);
	await hand.press(hand.button("enrol.do"));
	const words = page.locator("[data-put=words]");
	await words.waitFor();
	const said = await until("twelve words", async () => {
		const text = (await words.textContent()).trim();
		return text.split(/\s+/).length === 12 && text;
	});
	await page.locator("img.code:not([hidden])").waitFor();
	return { page, hand, name, words: said };
}

/* What the window must hold at any moment: nothing beyond its side, nothing
 * that some people cannot use. */
export async function sound(page) {
	none("beyond the side", await overflows(page));
	none("axe-core", await violations(page));
}

const live = (hand) => hand.page.locator("#live.is-ok")
	.filter({ hasText: hand.w("live.on") }).waitFor({ timeout: LIVE_MS });

/* The two officers, signed in: { a, b }. */
export async function enrolled(flow, browser, party, how) {
	const a = await flow.step("a key is made, its words are granted by command", async () => {
		const a = await enrol(flow, browser, party, how, "Watch 1");
		await sound(a.page);
		await party.c("officer", "grant", "Watch 1", "--key", a.words, "--powers", "*",
			"--officer", "duty");
		await a.hand.arrives("/board");
		await live(a.hand);
		await sound(a.page);
		return a;
	});
	const b = await flow.step("a second officer is granted by the first one's page", async () => {
		const b = await enrol(flow, browser, party, { ...how, keyboard: false }, "Watch 2");
		const { page, hand } = a;
		await hand.go(`${party.url}/officers`);
		const waits = page.locator("article").filter({ hasText: "Watch 2" });
		same("the words", (await waits.locator(".spoken").textContent()).trim(), b.words);
		await hand.open(waits.locator("summary"));
		await hand.tick(waits.locator("input[name=power][value='*']"));
		await hand.tick(waits.getByLabel(hand.w("officers.compared")));
		await sound(page);
		await hand.press(waits.getByRole("button", { name: hand.w("officers.grant"), exact: true }));
		await hand.sign();
		await b.hand.arrives("/board");
		return b;
	});
	return { a, b };
}

export async function night(flow, party, other, { a, b }) {
	const { page, hand } = a;
	await flow.step("replies shall bear two signatures", async () => {
		await hand.go(`${party.url}/officers`);
		const form = page.locator("form[data-demand]");
		await hand.write(form.locator("input[name=kind]").last(), "message/reply");
		await hand.press(form.getByRole("button"));
		await hand.sign();
		await page.locator("td", { hasText: "message/reply" }).waitFor();
	});
	const cite = await flow.step("a crisis message comes: on top, in title and icon", async () => {
		await hand.go(`${party.url}/board`);
		await b.page.goto(`${party.url}/matters`);
		await Promise.all([live(hand), live(b.hand)]);
		await page.getByText(hand.w("board.lead_nothing")).waitFor();
		await hand.press(hand.button("crisis.sound"));
		await page.locator("#sound").waitFor({ state: "detached" });
		const cite = await other.act("new", "message/send", "--to", party.code,
			"--set", "precedence=life_safety", "--set", "subject=Vessel in distress",
			"--set", "message=en:A ferry has lost its engines at 33N 129E. Please answer.");
		const began = Date.now();
		for (const one of [page, b.page]) {
			await one.locator("#crisis h2").waitFor({ timeout: 20000 });
			await until("the tab counts", async () =>
				(await one.title()).startsWith("(1) ") &&
				(await one.locator("link[rel=icon]").getAttribute("href")).startsWith("blob:"));
			const top = await one.locator("#crisis").boundingBox();
			const main = await one.locator("h1").boundingBox();
			if (top.y > main.y) throw new Error("it is not on top");
		}
		console.log(`          after ${Date.now() - began} ms`);
		await page.locator(`article[data-key="${cite}"]`).waitFor();
		await b.page.locator(`#crisis a[href="/matters/${cite}"]`).waitFor();
		await page.locator("#quiet").waitFor();
		await sound(page);
		await sound(b.page);
		return cite;
	});
	await flow.step("it is acknowledged; the other officer sees it at once", async () => {
		await b.hand.press(b.page.locator(`#crisis a[href="/matters/${cite}"]`));
		await b.hand.arrives(`/matters/${cite}`);
		await live(b.hand);
		await hand.press(page.locator(`article[data-key="${cite}"] a.button`));
		await hand.arrives(`/matters/${cite}/do/acknowledge`);
		await page.getByRole("heading", { level: 1, name: hand.act("message/acknowledge") }).waitFor();
		await hand.choose(hand.field("received_as").locator("select"), "life_safety");
		await hand.write(hand.field("officer").locator("input"), "Watch 1");
		await sound(page);
		await hand.submit();
		const began = Date.now();
		await b.page.getByText(b.hand.state("message", "acknowledged")).first()
			.waitFor({ timeout: LIVE_MS });
		console.log(`          after ${Date.now() - began} ms`);
		await hand.arrives(`/matters/${cite}`);
		for (const one of [page, b.page]) {
			await until("the tab counts no more", async () =>
				!(await one.title()).startsWith("("), LIVE_MS);
			await one.locator("#crisis").waitFor({ state: "hidden" });
		}
		await sound(page);
	});
	await flow.step("the reply waits for a second signature", async () => {
		await hand.press(page.getByRole("link", { name: hand.act("message/reply"), exact: true }));
		await hand.arrives(`/matters/${cite}/do/reply`);
		await hand.write(hand.field("message").locator("textarea"), "A cutter is under way; it arrives at 02:40.");
		a.payload = await hand.submit();
		await hand.arrives(/\/releases\/[0-9a-f]{64}$/);
		await page.getByText(hand.w("release.lead_mine")).waitFor();
		await sound(page);
	});
	await flow.step("the second officer reads the same bytes, signs and releases", async () => {
		await b.hand.go(`${party.url}/board`);
		await b.hand.press(b.page.locator("section[data-key=h-releases] a").first());
		await b.hand.arrives(/\/releases\/[0-9a-f]{64}$/);
		same("what was signed", await b.page.locator("pre.exact").textContent(), a.payload);
		await sound(b.page);
		await b.hand.press(b.hand.button("release.sign"));
		same("what is signed", await b.hand.sign(), a.payload);
		await b.hand.arrives(/\/acts\/[A-Z]+-\d+$/);
		await sound(b.page);
		await other.reaches(cite, "answered");
		const { acts } = await other.json("show", cite);
		same("signatures", acts.at(-1).officers.sort().join(), "Watch 1,Watch 2");
	});
	await flow.step("the node stops: the page says so, and comes back by itself", async () => {
		await hand.go(`${party.url}/board`);
		await live(hand);
		page.away = b.page.away = true;
		await party.stop();
		await page.locator("#live.is-alarm").filter({ hasText: hand.w("live.off") })
			.waitFor({ timeout: LIVE_MS });
		await party.start();
		await live(hand);
		await live(b.hand);
		page.away = b.page.away = false;
	});
	return cite;
}

export async function signedOut(flow, party, { a, b }) {
	await flow.step("one officer signs out everywhere, in each tab; the other stays", async () => {
		const { page, hand } = a;
		const tab = await page.context().newPage();
		await tab.goto(`${party.url}/board`);
		await live(new Hand(tab, { lang: hand.lang }));
		await hand.go(`${party.url}/sign-in`);
		await hand.press(hand.button("sign_in.out_all"));
		await page.getByText(hand.w("sign_in.lead_out")).waitFor();
		await tab.locator("#live.is-alarm").waitFor({ timeout: SESSION_MS });
		await tab.waitForTimeout(3000); /* nor does it come back */
		same("the board", await page.evaluate(async () => (await fetch("/board",
			{ headers: { Accept: "application/json" } })).status), 401);
		await tab.close();
		await b.hand.go(`${party.url}/board`);
		await live(b.hand);
		await hand.press(hand.button("sign_in.do"));
		await hand.arrives("/board");
		await live(hand);
	});
}
