// Chooses the zone that the browser keeps, where nobody has chosen another.
const select = document.getElementById("zone");
const kept = (timeZone) => new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;

function offered(zone) {
  const options = Array.from(select.options).filter((option) => option.value !== "");
  const same = options.find((option) => option.value === zone);
  // Browsers call some cities by their older names: Calcutta is Kolkata.
  const alias = (option) => {
    try {
      return kept(option.value) === zone;
    } catch {
      return false;
    }
  };
  return same ?? options.find(alias);
}

const zone = kept(undefined);
if (select && !select.value && zone && zone.includes("/")) {
  const option = offered(zone) ?? new Option(zone.split("/").pop().replaceAll("_", " "), zone);
  if (!option.parentNode) select.add(option);
  select.value = option.value;
}
