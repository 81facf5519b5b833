/* Bodies that give the phone its keys: buttons, soft keys and their sets, and the first prompt. */
#include "proto/sccp/sccp_layout.h"

#define BUTTON_SLOTS_CALLMANAGER 42 /* every CallManager seen sends the array full */

void sccp_buttons_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	struct sccp_button_template *t = &m->buttons;

	t->offset = reader_le32(r);
	t->count = sccp_clamp(reader_le32(r), SCCP_BUTTONS_MAX, anomalies);
	t->total = reader_le32(r);
	if (t->count > reader_left(r) / 2) {
		anomaly_add(anomalies, ANOMALY_COUNT, SCCP_HEADER_SIZE + 4);
		t->count = (uint32_t)(reader_left(r) / 2);
	}
	for (uint32_t i = 0; i < t->count; i++) {
		t->button[i].instance = reader_u8(r);
		t->button[i].definition = reader_u8(r);
	}
}

void sccp_buttons_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	const struct sccp_button_template *t = &m->buttons;
	uint32_t count = sccp_clamp(t->count, SCCP_BUTTONS_MAX, NULL);
	uint32_t slots =
	    count > BUTTON_SLOTS_CALLMANAGER ? SCCP_BUTTONS_MAX : BUTTON_SLOTS_CALLMANAGER;

	(void)version;
	writer_le32(w, t->offset);
	writer_le32(w, count);
	writer_le32(w, t->total);
	for (uint32_t i = 0; i < slots; i++) {
		struct sccp_button undefined = {0, 0xff};
		struct sccp_button b = i < count ? t->button[i] : undefined;
		writer_u8(w, b.instance);
		writer_u8(w, b.definition);
	}
}

void sccp_soft_keys_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	struct sccp_soft_key_template *t = &m->soft_keys;

	t->offset = reader_le32(r);
	t->count = sccp_clamp(reader_le32(r), SCCP_SOFT_KEYS_MAX, anomalies);
	t->total = reader_le32(r);
	if (t->count > reader_left(r) / 20) {
		anomaly_add(anomalies, ANOMALY_COUNT, SCCP_HEADER_SIZE + 4);
		t->count = (uint32_t)(reader_left(r) / 20);
	}
	for (uint32_t i = 0; i < t->count; i++) {
		reader_text(r, 16, t->key[i].label, sizeof t->key[i].label);
		t->key[i].event = reader_le32(r);
	}
}

void sccp_soft_keys_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	const struct sccp_soft_key_template *t = &m->soft_keys;
	uint32_t count = sccp_clamp(t->count, SCCP_SOFT_KEYS_MAX, NULL);

	(void)version;
	writer_le32(w, t->offset);
	writer_le32(w, count);
	writer_le32(w, t->total);
	for (uint32_t i = 0; i < SCCP_SOFT_KEYS_MAX; i++) {
		bool used = i < count;
		sccp_write_name(w, used ? t->key[i].label : "", 16);
		writer_le32(w, used ? t->key[i].event : 0);
	}
}

void sccp_soft_key_sets_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	struct sccp_soft_key_sets *t = &m->soft_key_sets;

	t->offset = reader_le32(r);
	t->count = sccp_clamp(reader_le32(r), SCCP_SOFT_KEY_SETS_MAX, anomalies);
	t->total = reader_le32(r);
	if (t->count > reader_left(r) / 48) {
		anomaly_add(anomalies, ANOMALY_COUNT, SCCP_HEADER_SIZE + 4);
		t->count = (uint32_t)(reader_left(r) / 48);
	}
	for (uint32_t i = 0; i < t->count; i++) {
		for (size_t k = 0; k < 16; k++)
			t->set[i].index[k] = reader_u8(r);
		for (size_t k = 0; k < 16; k++)
			t->set[i].info[k] = reader_le16(r);
	}
}

void sccp_soft_key_sets_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	const struct sccp_soft_key_sets *t = &m->soft_key_sets;
	uint32_t count = sccp_clamp(t->count, SCCP_SOFT_KEY_SETS_MAX, NULL);

	(void)version;
	writer_le32(w, t->offset);
	writer_le32(w, count);
	writer_le32(w, t->total);
	for (uint32_t i = 0; i < SCCP_SOFT_KEY_SETS_MAX; i++) {
		if (i >= count) {
			writer_zero(w, 48);
			continue;
		}
		writer_bytes(w, slice_of(t->set[i].index, 16));
		for (size_t k = 0; k < 16; k++)
			writer_le16(w, t->set[i].info[k]);
	}
}

void sccp_select_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->select.line = reader_le32(r);
	m->select.call = reader_le32(r);
	m->select.set = reader_le32(r);
	m->select.mask = reader_le32(r);
}

void sccp_select_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->select.line);
	writer_le32(w, m->select.call);
	writer_le32(w, m->select.set);
	writer_le32(w, m->select.mask);
}

void sccp_prompt_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->prompt.timeout_s = reader_le32(r);
	reader_text(r, 32, m->prompt.text, sizeof m->prompt.text);
	m->prompt.line = reader_le32(r);
	m->prompt.call = reader_le32(r);
}

void sccp_prompt_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->prompt.timeout_s);
	writer_text(w, m->prompt.text, 32);
	writer_le32(w, m->prompt.line);
	writer_le32(w, m->prompt.call);
}

void sccp_notify_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->prompt.timeout_s = reader_le32(r);
	reader_text(r, 32, m->prompt.text, sizeof m->prompt.text);
}

void sccp_notify_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->prompt.timeout_s);
	writer_text(w, m->prompt.text, 32);
}
