/** Programs by the names of their files. */

/** A script of SQL may have any name, but not that of a program. */
export const isProgram = (file: string): boolean => /\.[cm]?[jt]s$/.test(file);
