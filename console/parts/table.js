export default {
  template: `
    <div class="data-table" :class="{ cards }">
      <div class="data-scroll" tabindex="0" role="region" :aria-label="caption" :aria-busy="busy">
        <table :aria-label="caption">
          <thead><tr>
            <th v-if="selectable" scope="col"><input type="checkbox" :checked="all" @change="chooseAll"
              :indeterminate.prop="chosen.length > 0 && !all" aria-label="Select all rows shown"></th>
            <th v-for="column in columns" :key="column.name" scope="col" :class="classes(column)"
                :aria-sort="column.name === sortedBy ? (descending ? 'descending' : 'ascending') : null">
              <button v-if="column.sortable" @click="order(column)">{{ column.label }}<i class="material-icons"
                aria-hidden="true" v-if="column.name === sortedBy">{{ descending ? 'south' : 'north' }}</i></button>
              <template v-else>{{ column.label }}</template>
            </th>
          </tr></thead>
          <tbody>
            <tr v-for="row in rows" :key="row.key" :tabindex="row.href || opens ? 0 : null"
                :class="{ chosen: chosen.includes(row.key) }" @click="open($event, row)" @keydown="press($event, row)">
              <td v-if="selectable" @click.stop><input type="checkbox" :checked="chosen.includes(row.key)"
                @change="choose(row)" :aria-label="'Select ' + row.key"></td>
              <td v-for="column in columns" :key="column.name" :class="classes(column)" :data-label="column.label">
                <template v-if="row[column.name] === null || row[column.name] === undefined || row[column.name] === ''">
                  <span class="muted">—</span></template>
                <span v-else-if="column.kind === 'status'" class="status" :class="'status-' + row[column.name].tone"
                  ><i class="material-icons" aria-hidden="true">{{ row[column.name].icon }}</i
                  ><span>{{ row[column.name].text }}</span></span>
                <time v-else-if="column.kind === 'time'" :datetime="row[column.name]"></time>
                <a v-else-if="column.kind === 'link'" :href="row.href">{{ row[column.name] }}</a>
                <template v-else>{{ row[column.name] }}</template>
                <span class="sub" v-if="row[column.name + '_sub']">{{ row[column.name + '_sub'] }}</span>
              </td>
            </tr>
          </tbody>
        </table>
        <slot v-if="!rows.length"></slot>
      </div>
      <div class="data-foot" v-if="foot || chosen.length || back || next || downloads">
        <span aria-live="polite">{{ foot }}</span><span v-if="chosen.length">{{ chosen.length }} selected</span>
        <span class="spring"></span>
        <button v-if="downloads" @click="$emit('download')">Download CSV</button>
        <template v-if="back || next">
          <button :disabled="!back" @click="$emit('turn', 'back')">Back</button>
          <button :disabled="!next" @click="$emit('turn', 'next')">Next</button>
        </template>
      </div>
    </div>`,
  props: {
    columns: Array, rows: Array, caption: String, selectable: Boolean, chosen: Array, sortedBy: String,
    descending: Boolean, opens: Boolean, back: Boolean, next: Boolean, foot: String, downloads: Boolean,
    cards: Boolean, busy: Boolean,
  },
  computed: {
    all() { return this.rows.length > 0 && this.rows.every((row) => this.chosen.includes(row.key)); },
  },
  methods: {
    classes(column) {
      const right = ["money", "number"].includes(column.kind);
      return ["kind-" + column.kind, right ? "align-right" : "", column.hide ? "hide-small" : ""];
    },
    order(column) {
      const descending = column.name === this.sortedBy ? !this.descending : column.kind !== "text";
      this.$emit("order", { name: column.name, descending });
    },
    choose(row) {
      const chosen = this.chosen.includes(row.key)
        ? this.chosen.filter((key) => key !== row.key) : [...this.chosen, row.key];
      this.$emit("choose", chosen);
    },
    chooseAll() {
      const shown = this.rows.map((row) => row.key);
      const others = this.chosen.filter((key) => !shown.includes(key));
      this.$emit("choose", this.all ? others : [...others, ...shown]);
    },
    open(event, row) {
      if (event.target.closest("a, button, input") || String(window.getSelection())) return;
      if (row.href && (event.ctrlKey || event.metaKey)) window.open(row.href, "_blank");
      else if (row.href) window.location.assign(row.href);
      else if (this.opens) this.$emit("open", row.key);
    },
    press(event, row) {
      if (event.target !== event.currentTarget) return;
      if (event.key === "Enter") this.open(event, row);
      else if (event.key === "x" && this.selectable) this.choose(row);
    },
  },
};
