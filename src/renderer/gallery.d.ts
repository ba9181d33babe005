/** Every figure on made-up numbers, from the tests: a screen of builds for developers alone. */
declare module 'tessera:gallery' {
  const Gallery: import('react').ComponentType;
  export default Gallery;
}
