const DataLoader = require('dataloader');
const { chunk } = require('lodash');
const knex = require('knex')({ client: 'pg' });

const userLoader = new DataLoader((ids) => knex('users').whereIn('id', ids), { maxBatchSize: 100, batch: true });

async function importUsers(users, { batchSize = 1000 } = {}) {
  for (const part of chunk(users, batchSize)) await knex.batchInsert('users', part, batchSize);
}
module.exports = { userLoader, importUsers };
