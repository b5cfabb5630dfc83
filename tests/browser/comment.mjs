/* A visitor without scripts comments on what is public; an officer accepts one
 * comment and declines another. */
import { person } from "./browser.mjs";
import { Hand } from "./hand.mjs";
import { same } from "./report.mjs";
import { sound } from "./night.mjs";

export async function comment(flow, browser, founding, party, { a }, how) {
	const page = flow.watch(await person(browser, { ...how, scripts: false }));
	const hand = new Hand(page, how), officer = a.hand;
	const write = async (name, text) => {
		await hand.go(`${party.url}/matters/${founding}`);
		await page.getByLabel(hand.w("comment.name")).fill(name);
		await page.getByLabel(hand.w("comment.text")).fill(text);
		await hand.button("comment.send").click();
	};
	await flow.step("a visitor without scripts comments, in words of their own", async () => {
		await write("Han Mei", "Keep the line open at night.\nAnd on holidays.");
		await page.getByText(hand.w("comment.thanks")).waitFor();
		await page.getByText(hand.w("comment.none")).waitFor();
		await write("Nobody", "Buy now!");
		await page.getByText(hand.w("comment.thanks")).waitFor();
	});
	await flow.step("what is too long is said in the visitor's language, and kept in the form", async () => {
		await hand.go(`${party.url}/matters/${founding}`);
		await page.locator("#comment-text").evaluate((e) => e.removeAttribute("maxlength"));
		await page.getByLabel(hand.w("comment.name")).fill("Han Mei");
		await page.getByLabel(hand.w("comment.text")).fill("語".repeat(4001));
		await hand.button("comment.send").click();
		await page.getByText(hand.w("commentfault.long_text")).waitFor();
		same("the text", (await page.locator("#comment-text").inputValue()).length, 4001);
	});
	await flow.step("an officer finds them on the board, accepts one, declines one", async () => {
		await officer.go(`${party.url}/board`);
		await officer.press(a.page.locator("a[href='/comments']").last());
		await officer.arrives("/comments");
		await sound(a.page);
		const one = (name) => a.page.locator("article").filter({ hasText: name });
		await officer.press(one("Nobody").getByRole("link", { name: officer.w("held.decline") }));
		await officer.arrives(/^\/comments\/\d+$/);
		await sound(a.page);
		await officer.press(officer.button("held.yes"));
		await officer.arrives("/comments");
		await one("Nobody").waitFor({ state: "detached" });
		await officer.press(one("Han Mei").getByRole("link", { name: officer.w("held.accept") }));
		await officer.arrives("/new/comment/accept");
		await a.page.waitForFunction(() => document.querySelector("[data-field=name] input")?.value === "Han Mei");
		await sound(a.page);
		await officer.submit();
		await officer.arrives(/^\/matters\/[A-Z]+-\d+$/);
		await officer.go(`${party.url}/comments`);
		await a.page.getByText(officer.w("held.none")).waitFor();
	});
	await flow.step("it stands under what it speaks of, marked with its language", async () => {
		await hand.go(`${party.url}/matters/${founding}`);
		const text = page.locator("[data-key=h-comments] article .said[lang]");
		await text.filter({ hasText: "And on holidays." }).waitFor();
		same("its language", await text.getAttribute("lang"), how.lang);
		same("markup in a text", await page.locator("[data-key=h-comments] article").count(), 1);
	});
	await page.context().close();
}
