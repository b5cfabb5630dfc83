/* Enrolment of a key, and the officers' page: granting, revoking, demanding. */
import { ask, canSign, forget, held, Held, isOut, makeKey, page, Refused, signIn, Standing, standing } from "./key";
import { errorOf, postAct } from "./sign";

const POLL_MS = 3000;

/* ---- /enrol ---- */

async function enrolPage(box: HTMLElement): Promise<void> {
	const form = box.querySelector("form")!, name = form.querySelector("input")!;

	async function look(h: Held): Promise<void> {
		let s: Standing;
		try {
			s = await standing(h.key);
		} catch { /* the node is away: it comes back */
			setTimeout(() => void look(h), POLL_MS);
			return;
		}
		page.put(box, "words", s.words);
		page.put(box, "key", s.key);
		const code = box.querySelector<HTMLImageElement>("img.code")!;
		code.src = `/qr/${s.key}`;
		code.hidden = false;
		page.show(box, "held");
		for (const state of ["waiting", "granted", "ended"])
			page.show(box, state, s.state === state);
		page.show(box, "ask", s.state === "ended" || s.state === "unknown");
		page.show(box, "new", false);
		page.show(box, "again");
		name.value ||= h.name;
		if (s.state === "waiting")
			setTimeout(() => void look(h), POLL_MS);
		else if (s.state === "granted" && !document.body.dataset.key && !isOut() && await signIn())
			location.assign("/board");
	}
	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		page.show(box, "failed", false);
		try {
			isOut(false);
			const h = await held() ?? await makeKey(name.value.trim());
			await ask("POST", "/enrolments", { name: name.value.trim(), key: h.key });
			await look(h);
		} catch (x) {
			page.put(box, "why", x instanceof Refused ? x.message : String(x));
			page.show(box, "failed");
		}
	});
	box.querySelector('[data-do="forget"]')!.addEventListener("click", async () => {
		if (!confirm(box.dataset.sure))
			return;
		await forget();
		location.reload();
	});
	if (!await canSign())
		return page.show(box, "unable");
	const h = await held();
	if (h)
		await look(h);
	else
		page.show(box, "ask");
}

/* ---- /officers ---- */

function officersPage(box: HTMLElement): void {
	const wrong = document.getElementById("officers-wrong")!;
	const said = box.querySelector<HTMLTemplateElement>("template")!.content;
	const word = (name: string): string | undefined =>
		said.querySelector(`[data-word="${name}"]`)?.textContent ?? undefined;
	const fields: Record<string, string> = {};
	said.querySelectorAll<HTMLElement>("[data-field]").forEach((e) => { fields[e.dataset.field!] = e.textContent ?? ""; });
	const post = async (kind: string, body: object): Promise<void> => {
		try {
			await postAct({ kind, matter: box.dataset.charter, to: "public", body },
				{ kind: word(kind), matter: word("matter"),
				part: (path, v) => [fields[path[0]] ?? path[0], String(v)] });
			location.reload();
		} catch (e) {
			wrong.textContent = errorOf(e).message;
			wrong.hidden = false;
			wrong.scrollIntoView({ block: "center" });
		}
	};
	const on = (query: string, act: (form: HTMLFormElement, data: FormData) => void): void =>
		box.querySelectorAll<HTMLFormElement>(query).forEach((form) => form.addEventListener("submit", (e) => {
			e.preventDefault();
			act(form, new FormData(form));
		}));
	const text = (d: FormData, name: string): string => String(d.get(name) ?? "").trim();

	on("form[data-grant]", (form, d) => {
		const chosen = d.getAll("power").map(String), until = text(d, "until");
		if (!chosen.length)
			return form.querySelector<HTMLInputElement>('[name="power"]')!.focus();
		void post("party/grant", {
			officer: text(d, "name"), key: form.dataset.grant,
			powers: chosen.includes("*") ? ["*"] : chosen,
			...(until ? { until } : {}),
		});
	});
	on("form[data-revoke]", (form, d) => {
		const reason = text(d, "reason");
		void post("party/revoke", { officer: form.dataset.revoke, ...(reason ? { reason } : {}) });
	});
	on("form[data-demand]", (_, d) => {
		const n = d.getAll("signatures").map(Number);
		const demands = d.getAll("kind").map((k, i) => ({ kind: String(k).trim(), signatures: n[i] }));
		void post("party/demand", { demands: demands.filter((x) => x.kind && x.signatures > 1) });
	});
	box.querySelectorAll<HTMLElement>("[data-dismiss]").forEach((b) => b.addEventListener("click", async () => {
		await ask("DELETE", `/enrolments/${b.dataset.dismiss}`);
		location.reload();
	}));
}

const enrol = document.getElementById("enrol"), officers = document.getElementById("officers");
if (enrol)
	void enrolPage(enrol);
if (officers)
	officersPage(officers);
