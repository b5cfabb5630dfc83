/* The second officer's page: the same bytes, read, signed and released. */
import { ask } from "./key";
import { errorOf, signRelease } from "./sign";

function releasePage(box: HTMLElement): void {
	const id = box.dataset.release!, wrong = document.getElementById("release-wrong")!;
	const press = (name: string, act: () => Promise<void>): void =>
		box.querySelector(`[data-do="${name}"]`)?.addEventListener("click", async () => {
			try {
				await act();
			} catch (e) {
				wrong.textContent = errorOf(e).message;
				wrong.hidden = false;
				wrong.scrollIntoView({ block: "center" });
			}
		});
	press("sign", async () => {
		/* As the node holds it: a page's text may have lost a line's end. */
		const { payload } = await ask<{ payload: string }>("GET", `/releases/${id}`);
		const said = (what: string): string | undefined => box.querySelector(what)?.textContent ?? undefined;
		const r = await signRelease(id, payload, {
			kind: document.querySelector("h1")?.textContent ?? undefined, to: said("[data-said=to]"),
			part: (path, v) => [[said(`dt[data-field="${path[0]}"]`) ?? path[0], ...path.slice(1)].join(" · "), String(v)],
		});
		if (r.waits)
			location.reload();
		else
			location.assign(`/acts/${r.cite}`);
	});
	press("withdraw", async () => {
		if (!confirm(box.dataset.sure))
			return;
		await ask("DELETE", `/releases/${id}`);
		location.assign("/releases");
	});
}

const box = document.getElementById("release");
if (box)
	releasePage(box);
