"""Finding people and keeping the promise to both sides: words for skills, profiles, vacancies, matching."""
