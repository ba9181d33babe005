/** The script of a report's page: shows what is asked of the numbers in it, and reads nothing else. */
import { openPage } from '../core/documents/page/standing.ts';
import { startPage } from './view.ts';

const data = document.getElementById('page-data')?.textContent;
if (data) startPage(openPage(JSON.parse(data)));
