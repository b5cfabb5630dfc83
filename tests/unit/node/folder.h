/* A folder of a test's own, emptied at its end (no subfolders). */
#ifndef TESTS_NODE_FOLDER_H
#define TESTS_NODE_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct folder {
	char path[64];
};

static inline int
folder_make(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "/tmp/comity-test-XXXXXX");
	*state = f;
	return mkdtemp(f->path) == NULL ? -1 : 0;
}

static inline int
folder_end(void **state)
{
	struct folder *f = *state;
	DIR *d = opendir(f->path);
	struct dirent *e;
	char path[400];

	while (d != NULL && (e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->path, e->d_name);
		(void)unlink(path); /* "." and ".." refuse */
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(f->path);
	free(f);
	return 0;
}

#endif
