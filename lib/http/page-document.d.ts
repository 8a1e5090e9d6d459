/** The web page, built from `web/` by `web/build.cjs` while a function is bundled. */
declare module 'image-relay:page' {
  /** One HTML document with all that it needs inside, and what its policy has to say of it. */
  export interface PageDocument {
    readonly html: string;
    /** Hash sources of its one script and its one style sheet, quotes included. */
    readonly scriptHash: string;
    readonly styleHash: string;
  }

  const page: PageDocument;
  export default page;
}
