/* A delegate's text: drafted, consented to by the others, adopted and issued;
 * and the proof of it, checked where no node is. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { sound } from "./night.mjs";
import { run, until } from "./conference.mjs";
import { same } from "./report.mjs";
import { codeTitle, fieldTitle } from "./words.mjs";

const TITLE = "Lines stay open", SAID = "Lines stay open at all times.";
const TEXT = {
	en: SAID, ja: "連絡線は常に開かれている。",
	zh: "联络线始终保持畅通。", ko: "연락선은 항상 열려 있다.",
};

/* `sponsor`, `second`: an officer of each of two parties; `others`: parties
 * whose officers sit at the command line. */
export async function text(flow, founding, sponsor, second, others) {
	const { page, hand, party } = sponsor, { lang } = hand;
	const title = `${TITLE} (${lang})`;
	const texts = () => hand.field("texts").locator(".item");

	const fill = async () => {
		await hand.write(hand.field("title").locator("input"), title);
		await hand.choose(hand.field("kind").locator("select"), "statement");
		await hand.write(texts().nth(0).locator("[data-part=lang]"), "en");
		await hand.write(texts().nth(0).locator("textarea"), TEXT.en);
		if (lang === "en") return;
		await hand.press(hand.field("texts").locator("[data-add]"));
		await hand.write(texts().nth(1).locator("[data-part=lang]"), lang);
		await hand.write(texts().nth(1).locator("textarea"), TEXT[lang]);
	};
	await flow.step("a draft is kept in the browser over a reload", async () => {
		await hand.go(`${party.url}/new`);
		await hand.press(page.locator('a[href="/new/text/draft"]'));
		await hand.arrives("/new/text/draft");
		await hand.choose(page.locator("#conference"), await page.locator("#conference option")
			.filter({ hasText: founding }).getAttribute("value"));
		await fill();
		await page.locator("#progress").filter({ hasText: hand.w("form.w_kept") }).waitFor();
		await sound(page);
		await page.reload();
		await hand.press(page.locator("#drafts").getByRole("button", { name: hand.w("form.w_go_on") }).first());
		same("the title", await hand.field("title").locator("input").inputValue(), title);
		same("the text", await texts().last().locator("textarea").inputValue(), TEXT[lang]);
	});
	const cite = await flow.step("what is signed is shown first; then the text is before all", async () => {
		await hand.press(hand.button("form.sign"));
		const dialog = page.getByRole("dialog");
		await dialog.waitFor();
		const read = await dialog.locator("[data-put=facts]").innerText();
		for (const part of [title, TEXT[lang], hand.act("text/draft"), fieldTitle(lang, "text", "title"),
			fieldTitle(lang, "text", "texts"), codeTitle(lang, "text", "kind", "statement")])
			if (!read.includes(part)) throw new Error(`what is signed does not say ${part}: ${read}`);
		await sound(page);
		const payload = JSON.parse(await hand.sign());
		same("kind", payload.kind, "text/draft");
		same("texts", payload.body.texts.at(-1).text, TEXT[lang]);
		await hand.arrives(/\/matters\/[A-Z]+-\d+$/);
		await page.getByText(hand.state("text", "drafting")).first().waitFor();
		await sound(page);
		const cite = page.url().split("/").at(-1);
		await page.locator(".said", { hasText: TEXT[lang] }).first().waitFor();
		await hand.go(`${party.url}/new/text/draft`);
		same("drafts", await page.locator("#drafts li").count(), 0);
		await hand.go(`${party.url}/matters/${cite}`);
		return cite;
	});
	await flow.step("the others consent, each at their own node; it is adopted", async () => {
		const { page: theirs, hand: mine } = second;
		await second.party.reaches(cite, "drafting");
		await mine.go(`${second.party.url}/matters/${cite}`);
		await mine.press(theirs.getByRole("link", { name: mine.act("text/consent"), exact: true }));
		await mine.arrives(`/matters/${cite}/do/consent`);
		const answers = theirs.locator("#answers");
		if (await answers.inputValue() === "")
			await mine.choose(answers, await answers.locator("option").nth(1).getAttribute("value"));
		await sound(theirs);
		await mine.submit();
		await mine.arrives(`/matters/${cite}`);
		for (const other of [party, ...others]) {
			await other.reaches(cite, "drafting");
			await other.act("act", cite, "text/consent", "--answers", cite);
		}
		for (const one of [hand, mine]) /* by itself: nobody reloads */
			await one.page.locator(".state").filter({ hasText: one.state("text", "adopted") })
				.waitFor({ timeout: 20000 });
	});
	await flow.step("it is issued", async () => {
		await hand.press(page.getByRole("link", { name: hand.act("text/issue"), exact: true }));
		await hand.arrives(`/matters/${cite}/do/issue`);
		await hand.submit();
		await hand.arrives(`/matters/${cite}`);
		await page.locator(".state").filter({ hasText: hand.state("text", "issued") }).waitFor();
		for (const other of [second.party, ...others])
			await other.reaches(cite, "issued");
	});
	await flow.step("the proof is downloaded, and checked by the command that the page prints", async () => {
		const proof = page.locator("section[data-key=h-state] details");
		await hand.open(proof.locator("summary"));
		const [download] = await Promise.all([page.waitForEvent("download"),
			hand.press(proof.getByRole("link", { name: hand.w("matter.proof_get") }))]);
		const file = path.join(sponsor.dir, `${cite}-${lang}.tar`);
		await download.saveAs(file);
		const { stdout } = await run(sponsor.program, ["verify", file]);
		if (!stdout.includes(`${cite}  text  issued`)) throw new Error(`verify says: ${stdout}`);
		const said = await proof.locator("code").allTextContents();
		same("commands", said.map((s) => s.split(" ").slice(0, 3).join(" ")).join(),
			`comity proof ${cite},comity verify ${cite}.tar`);
		const args = said[0].split(" ").slice(1); /* without "comity" */
		const again = path.join(sponsor.dir, `${cite}-${lang}-again.tar`);
		args[args.indexOf("-o") + 1] = again;
		await party.c(...args);
		await run(sponsor.program, ["verify", again]);
		if ((await readFile(file)).length < 1024) throw new Error("the proof is empty");
	});
	await until("the second officer sees it", async () =>
		(await second.page.locator(".state").textContent()).includes(second.hand.state("text", "issued")));
	return cite;
}
