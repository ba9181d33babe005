import type { Connection } from './connection.ts';

/** A part of the store: some tables of a home's database, and what goes with them. */
export abstract class StorePart {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }
}
