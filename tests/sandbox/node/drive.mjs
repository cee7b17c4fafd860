// HubSpot's official Node client against the sandbox at HUBSPOT_API_URL: every step asserts, and its name is printed.
import assert from "node:assert/strict";
import { Client } from "@hubspot/api-client";

const client = new Client({
  accessToken: process.env.HUBSPOT_ACCESS_TOKEN,
  basePath: process.env.HUBSPOT_API_URL,
  numberOfApiCallRetries: 0,
});
const { basicApi, batchApi, searchApi } = client.crm.contacts;
const domain = "node.example.com";
const at = (name) => `${name}@${domain}`;
const by = (propertyName, operator, more) => ({
  filterGroups: [{ filters: [{ propertyName, operator, ...more }] }],
  properties: ["email"],
  limit: 100,
});

async function refused(call, status) {
  const error = await call.then(() => assert.fail("was not refused"), (reason) => reason);
  assert.equal(error.code, status, error.message);
  return typeof error.body === "string" ? JSON.parse(error.body) : error.body;
}

let anna, bo;

const steps = {
  async create() {
    anna = await basicApi.create({
      properties: { email: ` ${at("Anna")}`, firstname: "Anna", lastname: "Østergård", phone: "+45 22 33 44 55" },
      associations: [],
    });
    assert.equal(anna.properties.email, at("anna"));
    assert.equal(anna.properties.lastname, "Østergård");
    assert.ok(anna.createdAt instanceof Date && !Number.isNaN(anna.createdAt.valueOf()));
    assert.equal(anna.archived, false);
  },
  async read() {
    const read = await basicApi.getById(anna.id, ["email", "phone", "city"]);
    assert.equal(read.properties.phone, "+45 22 33 44 55");
    assert.equal(read.properties.city, null);
    const byEmail = await basicApi.getById(at("anna"), undefined, undefined, undefined, false, "email");
    assert.equal(byEmail.id, anna.id);
  },
  async readWithHistory() {
    const read = await basicApi.getById(anna.id, ["email"], ["firstname"]);
    assert.equal(read.propertiesWithHistory.firstname[0].value, "Anna");
    assert.ok(read.propertiesWithHistory.firstname[0].timestamp instanceof Date);
  },
  async update() {
    const updated = await basicApi.update(anna.id, { properties: { city: "Ribe" } });
    assert.equal(updated.properties.city, "Ribe");
    await basicApi.update(at("anna"), { properties: { city: "" } }, "email");
    assert.equal((await basicApi.getById(anna.id, ["city"])).properties.city, "");
  },
  async refusals() {
    const taken = await refused(basicApi.create({ properties: { email: at("anna") }, associations: [] }), 409);
    assert.equal(taken.message, `Contact already exists. Existing ID: ${anna.id}`);
    assert.equal(taken.category, "CONFLICT");
    const wrong = await refused(basicApi.update(anna.id, { properties: { nonsense: "1", email: "a@b" } }), 400);
    assert.equal(wrong.category, "VALIDATION_ERROR");
    assert.deepEqual(wrong.errors.map((each) => each.code).sort(), ["INVALID_EMAIL", "PROPERTY_DOESNT_EXIST"]);
    const missing = await refused(basicApi.getById("999999999999"), 404);
    assert.equal(missing.message, "resource not found");
  },
  async batches() {
    const people = ["bo", "carl", "dorte", "eva"];
    const created = await batchApi.create({
      inputs: people.map((name) => ({ properties: { email: at(name), firstname: name }, associations: [] })),
    });
    assert.deepEqual(created.results.map((each) => each.properties.email).sort(), people.map(at));
    const ids = created.results.map((each) => each.id);
    bo = created.results.find((each) => each.properties.email === at("bo"));
    const read = await batchApi.read({
      inputs: [...ids.map((id) => ({ id })), { id: "999999999999" }],
      properties: ["firstname"],
      propertiesWithHistory: [],
    });
    assert.equal(read.results.length, 4);
    assert.equal(read.errors[0].category, "OBJECT_NOT_FOUND");
    const updated = await batchApi.update({ inputs: ids.map((id) => ({ id, properties: { city: "Skive" } })) });
    assert.ok(updated.results.every((each) => each.properties.city === "Skive"));
    const upserted = await batchApi.upsert({
      inputs: ["eva", "finn"].map((name) => ({ id: at(name), idProperty: "email", properties: { jobtitle: "Smed" } })),
    });
    const isNew = Object.fromEntries(upserted.results.map((each) => [each.properties.email, each._new]));
    assert.deepEqual(isNew, { [at("eva")]: false, [at("finn")]: true });
  },
  async list() {
    const first = await basicApi.getPage(4);
    assert.equal(first.results.length, 4);
    const second = await basicApi.getPage(4, first.paging.next.after);
    const all = [...first.results, ...second.results].map((each) => each.id);
    assert.equal(new Set(all).size, 6);
    assert.equal(second.paging, undefined);
    assert.equal((await client.crm.contacts.getAll(2)).length, 6);
  },
  async search() {
    const found = await searchApi.doSearch({ ...by("email", "CONTAINS_TOKEN", { value: `*@${domain}` }), limit: 4, sorts: ["-email"] });
    assert.equal(found.total, 6);
    assert.deepEqual(found.results.map((each) => each.properties.email), ["finn", "eva", "dorte", "carl"].map(at));
    const city = await searchApi.doSearch(by("city", "IN", { values: ["skive", "ribe"] }));
    assert.equal(city.total, 4);
    assert.equal((await searchApi.doSearch({ query: "22334455" })).results[0].id, anna.id);
  },
  async associations() {
    const company = await client.crm.companies.basicApi.create({ properties: { name: "Node A/S" }, associations: [] });
    const api = client.crm.associations.v4.basicApi;
    await api.createDefault("contacts", anna.id, "companies", company.id);
    const linked = await api.getPage("contacts", anna.id, "companies");
    assert.equal(String(linked.results[0].toObjectId), company.id);
    assert.ok(linked.results[0].associationTypes.some((type) => type.typeId === 279));
    await api.archive("contacts", anna.id, "companies", company.id);
    assert.equal((await api.getPage("contacts", anna.id, "companies")).results.length, 0);
    const note = await client.crm.objects.notes.basicApi.create({
      properties: { hs_timestamp: "2026-11-22T10:00:00Z", hs_note_body: "Ringet op" },
      associations: [{ to: { id: anna.id }, types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 202 }] }],
    });
    const notes = await api.getPage("contacts", anna.id, "notes");
    assert.equal(String(notes.results[0].toObjectId), note.id);
    await client.crm.objects.notes.basicApi.archive(note.id);
    await client.crm.companies.basicApi.archive(company.id);
  },
  async schema() {
    const all = await client.crm.properties.coreApi.getAll("contacts");
    const stage = all.results.find((each) => each.name === "lifecyclestage");
    assert.equal(stage.options[0].value, "subscriber");
    const name = "node_shoe_size";
    const body = { name, label: "Shoe size", type: "number", fieldType: "number", groupName: "contactinformation" };
    assert.equal((await client.crm.properties.coreApi.create("contacts", body)).label, "Shoe size");
    await client.crm.properties.coreApi.update("contacts", name, { label: "Skostørrelse" });
    assert.equal((await client.crm.properties.coreApi.getByName("contacts", name)).label, "Skostørrelse");
    await client.crm.properties.coreApi.archive("contacts", name);
    await refused(client.crm.properties.coreApi.getByName("contacts", name), 404);
    const owners = await client.crm.owners.ownersApi.getPage();
    assert.ok(owners.results.length > 0);
    const owner = await client.crm.owners.ownersApi.getById(Number(owners.results[0].id));
    assert.equal(owner.email, owners.results[0].email);
  },
  async merge() {
    const merged = await basicApi.merge({ primaryObjectId: anna.id, objectIdToMerge: bo.id });
    assert.notEqual(merged.id, anna.id);
    assert.equal((await basicApi.getById(bo.id)).id, merged.id);
    assert.equal((await basicApi.getById(at("bo"), undefined, undefined, undefined, false, "email")).id, merged.id);
    anna = merged;
  },
  async purge() {
    await basicApi.purge({ objectId: at("carl"), idProperty: "email" });
    await refused(basicApi.getById(at("carl"), undefined, undefined, undefined, false, "email"), 404);
  },
  async archive() {
    await basicApi.archive(anna.id);
    await refused(basicApi.getById(anna.id), 404);
    assert.equal((await basicApi.getById(anna.id, undefined, undefined, undefined, true)).archived, true);
    const left = await basicApi.getPage(100);
    await batchApi.archive({ inputs: left.results.map(({ id }) => ({ id })) });
    assert.equal((await basicApi.getPage(100)).results.length, 0);
  },
};

for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
  } catch (error) {
    console.error(`step ${name}:`, error);
    process.exit(1);
  }
  console.log(name);
}
