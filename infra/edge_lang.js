// CloudFront function (viewer request), before the cache looks: a public page is the same for
// everybody, but for its language, which becomes a part of the address. `?lang=ko|en` stays;
// anything else becomes what the browser prefers, chosen as the app chooses: the highest q, the
// first of equals, Korean where nothing of ours is wanted. Other queries go, and cookies too,
// unless a form is sent.
// Runtime cloudfront-js-2.0: ES 5.1 with const and let; no modules but AWS's own.
const LANGUAGES = ["ko", "en"];

function handler(event) {
  const request = event.request;
  const asked = request.querystring.lang;
  const accepted = request.headers["accept-language"];
  const lang = known(asked) ? asked.value : preferred(accepted ? accepted.value : "");
  request.querystring = { lang: { value: lang } };
  if (request.method === "GET" || request.method === "HEAD") {
    request.cookies = {};
  }
  return request;
}

function known(asked) {
  return Boolean(asked) && !asked.multiValue && LANGUAGES.indexOf(asked.value) >= 0;
}

function preferred(header) {
  let best = LANGUAGES[0];
  let highest = 0;
  header.split(",").forEach(function (range) {
    const parts = range.split(";");
    const language = parts[0].trim().toLowerCase().split("-")[0];
    const weight = quality(parts.slice(1));
    if (LANGUAGES.indexOf(language) >= 0 && weight > highest) {
      best = language;
      highest = weight;
    }
  });
  return best;
}

function quality(parameters) {
  let found = 1;
  parameters.forEach(function (parameter) {
    const pair = parameter.split("=");
    if (pair[0].trim().toLowerCase() === "q") {
      const given = Number(pair[1]);
      found = given >= 0 && given <= 1 ? given : 0;
    }
  });
  return found;
}
