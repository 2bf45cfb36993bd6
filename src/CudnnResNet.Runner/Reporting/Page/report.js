// Sorts a table by the column whose button is pressed: first one way, then the other. Cells sort by data-value where they have one.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  for (const head of heads) {
    head.querySelector("button")?.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      const column = heads.indexOf(head), body = table.tBodies[0];
      const value = row => (row.cells[column].dataset.value ?? row.cells[column].textContent.trim()).replace(/^-$/, "");
      const order = (a, b) => {
        if (a === "" || b === "") return (a === "") - (b === ""); // what is not there comes last, either way
        const sign = descending ? -1 : 1;
        return sign * (isNaN(a) || isNaN(b) ? a.localeCompare(b, "en", { numeric: true }) : a - b);
      };
      body.append(...[...body.rows].sort((a, b) => order(value(a), value(b))));
      for (const other of heads) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    });
  }
}
