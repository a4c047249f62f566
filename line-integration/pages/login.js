import {firstLanguage, setLanguage} from './words.js';

setLanguage(firstLanguage(null));
const asked = new URLSearchParams(location.search);
if (asked.get('wrong')) document.getElementById('wrong').classList.remove('hidden');
if (asked.get('next')) document.getElementById('next').value = asked.get('next');
