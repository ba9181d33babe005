import type { Connection } from './connection.ts';

/** Some tables of a home's database, with the questions and changes that belong to them. */
export abstract class StoreTables {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }
}
