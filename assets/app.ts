/* The pages' part in the browser.  Reading works without it. */
import "./key";
import "./sign";
import "./enrol";
import "./release";
import "./time";
import "./live";
import "./crisis";
import "./form";
