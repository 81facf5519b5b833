/* Which names are generated, from what, and when that has changed. */
#include "tftp/files_internal.h"

#include "base/error.h"
#include "base/text.h"
#include "cnf/cnf.h"
#include "model/phone_type.h"

/* A device by the name inside the file name: its MAC's, or (CIPC, ATA) all before ".cnf.xml". */
static const struct device *find_device(const struct files *f, const struct file_name *name)
{
	static const char ending[] = ".cnf.xml";
	size_t len = strlen(name->path);
	char device[DEVICE_NAME_SIZE];

	if (name->claim[0] != 0)
		return reg_device_find(f->reg, name->claim);
	if (len <= sizeof ending - 1 || strcmp(name->path + len - (sizeof ending - 1), ending) != 0)
		return NULL;
	if (!text_copy_slice(device, sizeof device,
			     slice_of(name->path, len - (sizeof ending - 1))))
		return NULL;
	/* The registrar forgives case; a file name does not. */
	const struct device *found = reg_device_find(f->reg, device);
	return found != NULL && strcmp(found->name, device) == 0 ? found : NULL;
}

static bool of_device(struct files_source *s, const struct device *device)
{
	if (device == NULL)
		return false;
	(void)text_copy(s->device, sizeof s->device, device->name);
	s->from_records = true;
	return true;
}

/* "SK<template>.xml": the keys of one template; SoftKeys.xml: the standard ones. */
static bool of_softkeys(const struct files *f, struct files_source *s)
{
	char template[RECORD_NAME_SIZE];
	size_t len = strlen(s->key);

	if (strcmp(s->key, "SoftKeys.xml") == 0)
		return true;
	return strncmp(s->key, "SK", 2) == 0 && len > 6 &&
	       text_copy_slice(template, sizeof template, slice_of(s->key + 2, len - 6)) &&
	       reg_record_find(f->reg, RECORD_SOFTKEYS, template) != NULL;
}

bool files_source_find(const struct files *f, const struct file_name *name,
		       struct files_source *ret_source)
{
	struct files_source *s = ret_source;
	bool autoreg = reg_settings(f->reg)->autoreg_on;

	*s = (struct files_source){.kind = name->kind};
	(void)text_copy(s->key, sizeof s->key, name->usual[0] != 0 ? name->usual : name->path);
	switch (name->kind) {
	case FILE_PHONE:
	case FILE_PHONE_ATA:
		return of_device(s, find_device(f, name));
	case FILE_OTHER:
		s->kind = FILE_PHONE;
		return of_device(s, find_device(f, name));
	case FILE_PHONE_BINARY:
		return autoreg && of_device(s, find_device(f, name));
	case FILE_DEFAULT:
		s->from_records = true;
		return true;
	case FILE_DEFAULT_BINARY:
		s->from_records = true;
		return autoreg;
	case FILE_RINGS:
		return strcmp(s->key, "Ringlist.dat") != 0;
	case FILE_RINGS_DISTINCT:
	case FILE_APP_DIAL_RULES:
		return true;
	case FILE_DIAL_PLAN:
		return name->usual[0] != 0;
	case FILE_SOFT_KEYS:
		return of_softkeys(f, s);
	case FILE_PHONE_SIGNED:
	case FILE_PHONE_SIP:
	case FILE_PHONE_PROFILE:
	case FILE_DEFAULT_SIGNED:
	case FILE_DEFAULT_SIP:
	case FILE_DEFAULT_PROFILE:
	case FILE_TRUST:
	case FILE_IMAGE_CHOICE:
	case FILE_LOADS:
	case FILE_IMAGE:
	case FILE_RING:
	case FILE_FEATURE_POLICY:
	case FILE_TONES:
	case FILE_LOCALE:
	case FILE_BACKGROUND:
	case FILE_WLAN:
	case FILE_SYNC:
		return false;
	}
	return false;
}

/* Rings are what lies in the directory, and which model's load is whole hangs on it too. */
static bool made_of_list(enum file_kind kind)
{
	return kind == FILE_RINGS || kind == FILE_RINGS_DISTINCT || kind == FILE_DEFAULT;
}

static uint64_t listing_of(const struct files *f)
{
	return f->directory != NULL ? f->directory->list(f->directory->context, NULL, NULL) : 0;
}

static void tell(struct files *f, const struct files_source *source,
		 const struct load_report *report)
{
	unsigned at = (f->first_event + f->event_count) % FILES_EVENTS_MAX;

	if (f->event_count == FILES_EVENTS_MAX)
		f->first_event = (f->first_event + 1) % FILES_EVENTS_MAX;
	else
		f->event_count++;
	f->event[at].report = *report;
	(void)text_copy(f->event[at].device, sizeof f->event[at].device, source->device);
}

/* Is the load to be left out? Told each time: every boot under it is a boot that was held back. */
static bool is_held(struct files *f, const struct files_source *source, const char *load)
{
	struct load_report report;

	if (load[0] == 0 || files_check_load(f, load, &report) == LOAD_WHOLE)
		return false;
	tell(f, source, &report);
	return true;
}

/* The provision of a source; of the default files its stamp alone needs all models. */
static void provision_of(const struct files *f, const struct files_source *source,
			 struct provision *to)
{
	reg_provision(f->reg, source->device, 0, to);
}

bool files_is_current(struct files *f, const struct files_source *source, struct files_entry *e)
{
	static struct provision p; /* one thread; large for a stack */
	struct files_made *made = &e->made;

	if (made_of_list(source->kind) && made->listing != listing_of(f))
		return false;
	if (made->generation != reg_generation(f->reg)) {
		/* Something changed: was it something of this file's? The default file names every
		 * model's load, so that any change may be. */
		if (source->device[0] == 0)
			return false;
		provision_of(f, source, &p);
		if (p.stamp != made->stamp)
			return false;
		made->generation = reg_generation(f->reg);
	}
	return made->load[0] == 0 || is_held(f, source, made->load) == made->load_held;
}

/* The loads of the default file: each model's, as far as its chain is whole. */
static size_t default_loads(struct files *f, const struct files_source *source,
			    struct cnf_model_load *to, size_t max, uint64_t *stamp)
{
	static struct provision p;
	size_t count = 0;

	for (const struct phone_type *t = phone_type_next(NULL); t != NULL && count < max;
	     t = phone_type_next(t)) {
		struct cnf_model_load *load = &to[count];
		if (!cnf_model_is_sccp(t->number))
			continue;
		reg_provision(f->reg, "", t->number, &p);
		if (p.stamp > *stamp)
			*stamp = p.stamp;
		*load = (struct cnf_model_load){.type = t->number};
		if (p.load[0] != 0 && !is_held(f, source, p.load))
			(void)text_copy(load->load, sizeof load->load, p.load);
		count++;
	}
	return count;
}

struct ring_list {
	struct cnf_ring ring[CNF_RINGS_MAX];
	size_t count;
	const char *ending;
};

static void add_ring(void *to, const char *name)
{
	struct ring_list *list = to;
	size_t len = strlen(name);
	size_t ending = strlen(list->ending);

	if (list->count == CNF_RINGS_MAX || len <= ending || len >= sizeof list->ring[0].file ||
	    strcmp(name + len - ending, list->ending) != 0)
		return;
	(void)text_copy(list->ring[list->count++].file, sizeof list->ring[0].file, name);
}

static int render_rings(struct files *f, const struct files_source *source, struct buf *to)
{
	static struct ring_list list;

	list.count = 0;
	list.ending = strcmp(source->key, "Ringlist-wb.xml") == 0 ? ".rwb" : ".raw";
	if (f->directory != NULL)
		(void)f->directory->list(f->directory->context, add_ring, &list);
	return cnf_rings_render(list.ring, list.count, to);
}

static int render(struct files *f, const struct files_source *source, struct provision *p,
		  struct files_made *made, struct buf *to)
{
	static struct cnf_model_load loads[CNF_MODELS_MAX];
	size_t count = 0;

	switch (source->kind) {
	case FILE_DEFAULT:
		made->listing = listing_of(f);
		count = default_loads(f, source, loads, CNF_MODELS_MAX, &made->stamp);
		return cnf_default_render(p, loads, count, to);
	case FILE_PHONE_BINARY:
	case FILE_DEFAULT_BINARY:
		return cnf_binary_render(p, to);
	case FILE_RINGS:
	case FILE_RINGS_DISTINCT:
		made->listing = listing_of(f);
		return render_rings(f, source, to);
	case FILE_DIAL_PLAN:
		return cnf_dial_plan_render(p, strcmp(source->key, "dialplan.xml") == 0, to);
	case FILE_APP_DIAL_RULES:
		return cnf_app_dial_rules_render(to);
	case FILE_SOFT_KEYS:
		return cnf_softkeys_render(p, to);
	default:
		(void)text_copy(made->load, sizeof made->load, p->load);
		made->load_held = is_held(f, source, p->load);
		if (made->load_held)
			p->load[0] = 0;
		return cnf_phone_render(p, made->load_held, to);
	}
}

/* The template that "SK<template>.xml" names takes the place of the standard keys. */
static void take_softkeys(const struct files *f, const struct files_source *source,
			  struct provision *p)
{
	char template[RECORD_NAME_SIZE];
	size_t len = strlen(source->key);
	const union record *r = NULL;

	if (source->kind != FILE_SOFT_KEYS || len <= 6 || strncmp(source->key, "SK", 2) != 0 ||
	    !text_copy_slice(template, sizeof template, slice_of(source->key + 2, len - 6)))
		return;
	r = reg_record_find(f->reg, RECORD_SOFTKEYS, template);
	for (size_t set = 0; r != NULL && set < SOFTKEY_SETS; set++) {
		char word[RECORD_NAME_SIZE];
		size_t at = 0;
		memset(p->softkey[set], 0, sizeof p->softkey[set]);
		for (size_t i = 0; i < SOFTKEY_SET_KEYS_MAX &&
				   record_list_next(r->softkeys.set[set], &at, word, sizeof word);
		     i++) {
			int event = record_softkey_find(word);
			p->softkey[set][i] = event > 0 ? (uint8_t)event : 0;
		}
	}
	if (r != NULL)
		p->stamp = r->softkeys.version;
}

struct file *files_generate(struct files *f, const struct files_source *source,
			    struct files_made *ret_made)
{
	static struct provision p; /* one thread; large for a stack */
	struct buf content;

	provision_of(f, source, &p);
	take_softkeys(f, source, &p);
	*ret_made = (struct files_made){.generation = reg_generation(f->reg), .stamp = p.stamp};
	buf_init(&content, CNF_FILE_MAX);
	if (render(f, source, &p, ret_made, &content) != 0) {
		buf_done(&content);
		return NULL;
	}
	/* The stamp tells one content from another, for If-None-Match: the record's, and whether
	 * the load was left out. */
	return file_of_buf(&content,
			   (ret_made->stamp * 2 + ret_made->load_held) ^ ret_made->listing);
}
