var Scorer = { objNameMatch: 4, objPartialMatch: 3, objPrio: {}, objPrioDefault: 0, title: 15, partialTitle: 7, term: 5, partialTerm: 2 };
