describe('the draft', () => {
  let stored: Map<string, string>;
  beforeEach(() => {
    stored = new Map();
    Object.assign(globalThis, {
      sessionStorage: {
        getItem: (name: string) => stored.get(name) ?? null,
        setItem: (name: string, value: string) => void stored.set(name, value),
      },
    });
  });
  afterEach(() => void Reflect.deleteProperty(globalThis, 'sessionStorage'));

  /** As a page that is loaded anew has it. */
  const load = async () => {
    jest.resetModules();
    return (await import('../../../web/draft')).draftStore;
  };

  it('survives a reload', async () => {
    const draft = await load();
    draft.set('one\n');
    draft.add('two');
    expect((await load()).get().text).toBe('one\ntwo');
  });

  it('comes back when clearing it is undone, until something else is written', async () => {
    const draft = await load();
    draft.set('one');
    draft.clear();
    expect(draft.get()).toMatchObject({ text: '', cleared: 'one' });
    draft.undoClear();
    expect(draft.get()).toEqual({ text: 'one', cleared: null, refused: null });
    draft.clear();
    draft.add('two');
    expect(draft.get().cleared).toBeNull();
  });

  it('is there for a tab without storage too', async () => {
    Reflect.deleteProperty(globalThis, 'sessionStorage');
    const draft = await load();
    draft.set('one');
    expect(draft.get().text).toBe('one');
  });
});
