// The one entrance: a request in, an answer out.

globalThis.callboard = {
  async ask(request) {
    try {
      return await OPERATIONS[request.operation](request);
    } catch (error) {
      if (error instanceof Misuse) return { misuse: error.details };
      if (error instanceof SyntaxError) return { misuse: { kind: "pattern", why: error.message } };
      throw error;
    }
  },
  release,
};
