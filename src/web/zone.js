// Chooses the zone that the browser keeps, where nobody has chosen another.
const select = document.getElementById("zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (select && !select.value && zone && zone.includes("/")) {
  const known = Array.from(select.options).some((option) => option.value === zone);
  if (!known) select.add(new Option(zone.split("/").pop().replaceAll("_", " "), zone));
  select.value = zone;
}
