/* words: what pages and procedures say in a language, so that a test finds
 * things by what a person reads. */
import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const read = (file) => JSON.parse(readFileSync(new URL(file, root), "utf8"));
const files = (folder) => readdirSync(new URL(folder, root))
	.filter((name) => name.endsWith(".json"));

const words = Object.assign({},
	...files("lang/").map((name) => read(`lang/${name}`)));
const procedures = Object.fromEntries(files("procedures/")
	.map((name) => read(`procedures/${name}`)).map((p) => [p.procedure, p]));

const escaped = (s) => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/* A word; where values are set into it, a pattern that fits them all. */
export function word(lang, key) {
	const text = words[key]?.[lang];
	if (text === undefined) throw new Error(`no word ${key} in ${lang}`);
	const plain = text.replace(/<[^>]+>/g, "");
	if (!/[{]/.test(plain)) return plain;
	return new RegExp(plain.split(/\{\{[^}]*\}\}|\{\d?\}/).map(escaped).join(".*"), "s");
}

/* The titles of what procedures name. */
export const actTitle = (lang, kind) => {
	const [name, act] = kind.split("/");
	return procedures[name].acts[act].title[lang];
};
export const stateTitle = (lang, name, state) =>
	procedures[name].states[state].title[lang];
export const fieldTitle = (lang, name, field) =>
	procedures[name].fields[field].title[lang];
export const codeTitle = (lang, name, field, code) =>
	procedures[name].fields[field].codes.find((c) => c.code === code).title[lang];
