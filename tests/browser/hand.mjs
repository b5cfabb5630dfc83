/* hand: what a person does with a page, by pointer or by the keyboard alone. */
import { actTitle, stateTitle, word } from "./words.mjs";

const TABS = 600;

export class Hand {
	constructor(page, { lang = "en", keyboard = false } = {}) {
		Object.assign(this, { page, lang, keyboard });
	}
	w(key) { return word(this.lang, key); }
	act(kind) { return actTitle(this.lang, kind); }
	state(procedure, name) { return stateTitle(this.lang, procedure, name); }
	button(key) {
		return this.page.getByRole("button", { name: this.w(key), exact: true });
	}
	go(url) { return this.page.goto(url); }
	/* Until the page is there; `path` a text, or a pattern. */
	arrives(path) {
		return this.page.waitForURL(({ pathname }) => typeof path === "string"
			? pathname === path : path.test(pathname));
	}

	/* By the keyboard: on with Tab until it has the focus. */
	async reach(target) {
		await target.waitFor({ state: "visible" });
		for (let i = 0; i < TABS; i++) {
			if (await target.evaluate((e) => e === document.activeElement ||
				(e.type === "radio" && document.activeElement?.name === e.name)))
				return;
			await this.page.keyboard.press("Tab");
		}
		throw new Error(`no way by the keyboard to ${target}`);
	}
	async press(target) {
		if (!this.keyboard) return target.click();
		await this.reach(target);
		await this.page.keyboard.press("Enter");
	}
	async write(target, text) {
		if (!this.keyboard) return target.fill(text);
		await this.reach(target);
		await this.page.keyboard.press("Control+A");
		await this.page.keyboard.insertText(text);
		/* A field that must be written says so when it is left. */
		await this.page.keyboard.press("Tab");
	}
	async choose(target, value) {
		if (!this.keyboard) return target.selectOption(value);
		await this.reach(target);
		await this.page.keyboard.press("Home");
		for (let i = 0; i < TABS; i++) {
			if (await target.evaluate((e, v) => e.value === v, value)) return;
			await this.page.keyboard.press("ArrowDown");
		}
		throw new Error(`${value} cannot be chosen by the keyboard`);
	}
	async tick(target) {
		if (!this.keyboard) return target.check();
		await this.reach(target);
		if (await target.isChecked()) return;
		if (await target.evaluate((e) => e.type !== "radio"))
			return this.page.keyboard.press("Space");
		for (let i = 0; i < TABS && !await target.isChecked(); i++)
			await this.page.keyboard.press("ArrowDown");
	}
	async open(summary) {
		if (await summary.evaluate((e) => e.parentElement.open)) return;
		await this.press(summary);
	}

	/* Read what would be signed, and sign it; the payload. */
	async sign() {
		const dialog = this.page.getByRole("dialog", { name: this.w("sign.title") });
		await dialog.waitFor();
		const payload = await dialog.locator("[data-put=payload]").textContent();
		await this.press(dialog.getByRole("button", { name: this.w("sign.do") }));
		return payload;
	}
	/* The form of an act: its fields by name, then what is signed. */
	field(name) { return this.page.locator(`[data-field="${name}"]`); }
	async submit() {
		await this.press(this.button("form.sign"));
		return this.sign();
	}
}
