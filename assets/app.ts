/* The pages' part in the browser.  Reading works without it. */
import "./key";
import "./sign";
