/** Whether the window has room for more than the usual: a chart is higher there, and a list longer. */
export const isRoomy = () => matchMedia('(min-width: 1920px) and (min-height: 1000px)').matches;
