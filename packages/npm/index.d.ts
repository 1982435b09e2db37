/** A connection of better-sqlite3, node:sqlite (with `allowExtension`), bun:sqlite or libsql. */
export interface Loading {
  loadExtension(path: string, ...rest: any[]): unknown
}

/** Where the library is, without its suffix, as SQLite wants it. */
export declare function getLoadablePath(): string

/** Loads the functions into this connection. */
export declare function load(db: Loading): void
