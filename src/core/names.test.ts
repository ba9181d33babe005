it('shortens texts that begin alike so that they stay apart', () => {
  const names = ['an experiment with itemknn, small', 'an experiment with itemknn, large', 'EASE'];
  expect(clippedApart(names, 28)).toEqual([
    'an experiment w…mknn, small',
    'an experiment w…mknn, large',
    'EASE',
  ]);
  expect(clippedApart(['a', 'a'], 28)).toEqual(['a 1', 'a 2']);
});
